import { expect, test } from "vitest";
import { exitPolicy } from "./exit-policy.ts";

test.each([
  ["ordered-stop", false, "remove"],
  ["ordered-stop", true, "keep"],
  ["handover", false, "keep"],
  ["handover", true, "keep"],
  ["crash", false, "keep"],
  ["crash", true, "keep"],
] as const)("%s with -I %s: IPVS %s", (cause, dontReleaseIpvs, ipvs) => {
  expect(exitPolicy(cause, { dontReleaseIpvs, dontReleaseVrrp: false }).ipvs).toBe(ipvs);
});

test.each([
  ["ordered-stop", false, "release"],
  ["ordered-stop", true, "keep"],
  ["handover", false, "keep"],
  ["crash", true, "release"],
] as const)("%s with -V %s: VRRP %s", (cause, dontReleaseVrrp, vrrp) => {
  expect(exitPolicy(cause, { dontReleaseIpvs: false, dontReleaseVrrp }).vrrp).toBe(vrrp);
});
