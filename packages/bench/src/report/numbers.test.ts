import { describe, expect, it } from "vitest";
import { decimal, formatFactor, formatInterval, formatSeconds, formatValue, groupThousands } from "./numbers.ts";

const plain = (text: string) => text.replaceAll("\u00A0", " ");

describe("numbers", () => {
  it("have the unit that their readers expect", () => {
    expect(formatValue({ name: "forget-accuracy", unit: "share" }, 0.98765)).toBe("98.8");
    expect(formatValue({ name: "loss-attack-auc", unit: "share" }, 0.98765)).toBe("0.988");
    expect(formatValue({ name: "js-divergence-forget", unit: "nats" }, 0.01234)).toBe("0.012");
    expect(formatValue({ name: "tug-of-war", unit: "score" }, null)).toBe("–");
    expect(formatInterval({ name: "retain-accuracy", unit: "share" }, { lower: -0.0551, upper: 1 })).toBe("−5.5 to 100.0");
  });

  it("have no negative zero", () => {
    expect(decimal(-0.0004, 3)).toBe("0.000");
    expect(decimal(-0.0006, 3)).toBe("−0.001");
  });

  it("tell times in their own unit, without 60 s or 1000 ms", () => {
    const times = [0.0001, 0.9994, 0.9996, 59.94, 59.96, 3599.6, 7325];
    expect(times.map((time) => plain(formatSeconds(time)))).toEqual(["0.1 ms", "999 ms", "1.0 s", "59.9 s", "1 min 0 s", "1 h 0 min", "2 h 2 min"]);
  });

  it("count", () => {
    expect([0.731, 1, 9.96, 1234].map(formatFactor)).toEqual(["0.73×", "1.0×", "10.0×", "1\u202F234×"]);
    expect(groupThousands(1234567)).toBe("1\u202F234\u202F567");
  });
});
