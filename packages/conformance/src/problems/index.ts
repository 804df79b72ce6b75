/** Problems: tiny trained networks of every sort, with their data, that the laws are tried on. */
export { requestsFor, suits, type TestProblem } from "./test-problem.ts";
export { testProblems } from "./test-problems.ts";
export { buildNetwork, trainNetwork } from "./train-network.ts";
