import assert from "node:assert/strict";
import fc from "fast-check";
import { type Destination, IpvsClient, type Service, type ServiceKey, type TableOperation } from "ipvs-netlink";
import { FakeKernel } from "ipvs-netlink/fake";
import { outcomes } from "../../contract/contract-case.ts";
import { plain } from "../../contract/contract-objects.ts";

const SEQUENCES = process.env.LBCTL_TEST_LONG === "1" ? 100 : 20;
const SEED = Number(process.env.LBCTL_SEED ?? 20_261_121);

// Few keys, so that operations meet.
const keys = fc.constantFrom<ServiceKey>(
  { kind: "address", protocol: "TCP", address: "192.0.2.1", port: 80 },
  { kind: "address", protocol: "UDP", address: "192.0.2.1", port: 80 },
  { kind: "address", protocol: "TCP", address: "2001:db8::1", port: 0 },
  { kind: "fwmark", family: "inet", fwmark: 1 },
  { kind: "fwmark", family: "inet6", fwmark: 1 },
);
const addresses = fc.constantFrom(
  "10.0.0.1",
  "10.0.0.2",
  "127.0.0.1",
  "0.0.0.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "2001:db8::5",
  "::1",
  "::",
  "fe80::1",
  "ff02::1",
  "::ffff:10.0.0.1",
);

const services: fc.Arbitrary<Service> = keys.chain((key) => {
  const inet6 = key.kind === "fwmark" ? key.family === "inet6" : key.address.includes(":");
  return fc.record({
    key: fc.constant(key),
    scheduler: fc.constantFrom("rr", "wlc", "sh", "mh", "none", "nonesuch"),
    schedulerFlags: fc.subarray(["flag-1", "flag-2", "flag-3"] as const).map((flags) => [...flags]),
    persistence: fc.option(
      fc.record({
        timeoutS: fc.constantFrom(1, 300, 86_400),
        prefixLength: inet6 ? fc.integer({ min: 1, max: 128 }) : fc.integer({ min: 0, max: 32 }),
        engine: fc.constantFrom(null, null, "sip", "nonesuch"),
      }),
    ),
    onePacket: fc.boolean(),
  });
});

const destinations: fc.Arbitrary<Destination> = fc
  .record({
    address: addresses,
    port: fc.constantFrom(0, 80, 65_535),
    method: fc.constantFrom("NAT", "DR", "TUN", "TUN", "LOCAL", "BYPASS"),
    weight: fc.constantFrom(0, 1, 100, 0x7fff_ffff),
    upperThreshold: fc.constantFrom(0, 10, 0xffff_ffff),
    lowerThreshold: fc.constantFrom(0, 5, 20),
    tunnel: fc.record({
      type: fc.constantFrom("ipip", "gue", "gre"),
      port: fc.constantFrom(0, 6080),
      checksum: fc.constantFrom("none", "csum", "remcsum"),
    }),
  })
  .map((one) => (one.method === "TUN" ? one : { ...one, tunnel: null }) as Destination);

const operations: fc.Arbitrary<TableOperation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("new-service", "set-service"), service: services }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("del-service" as const), key: keys }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom("new-destination", "set-destination", "del-destination"),
      key: keys,
      destination: destinations,
    }),
  },
) as fc.Arbitrary<TableOperation>;

/** Random sequences of operations on both: the same outcome for each operation and the same table in the end. */
export async function compareWithFake(kernel: IpvsClient): Promise<void> {
  const sequences = fc.sample(fc.array(operations, { minLength: 100, maxLength: 100 }), {
    numRuns: SEQUENCES,
    seed: SEED,
  });
  for (const [number, sequence] of sequences.entries()) {
    await kernel.flush();
    const fake = await IpvsClient.open({ transport: new FakeKernel().open() });
    const real = outcomes(await kernel.apply(sequence));
    const pretended = outcomes(await fake.apply(sequence));
    for (const [index, operation] of sequence.entries()) {
      assert.equal(
        pretended[index],
        real[index],
        `sequence ${number}, operation ${index}: Linux answers ${real[index]} to ${JSON.stringify(operation)}`,
      );
    }
    assert.deepEqual(plain(await fake.dump()), plain(await kernel.dump()), `sequence ${number}: tables differ`);
    await fake.close();
  }
}
