import fc from "fast-check";

// scripts/test.sh prints the seed of its run; LBCTL_SEED repeats it.
const seed = process.env.LBCTL_SEED;
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
