import { serve } from "./serve.ts";

// The script of a pool's threads, and no module for others to import.
serve();
