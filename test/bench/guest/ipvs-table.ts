/**
 * The sample table through ipvs-netlink, timed from inside: node ipvs-table.ts write|read SERVICES. `write` creates it,
 * `read` reads it whole and compares it with what it should be. Prints {"wallMs", "cpuMs"}, without the start of Node.
 */
import { IpvsClient } from "ipvs-netlink";
import { diff } from "../../../src/director/diff.ts";
import { checkEntries, creatingOperations, desiredEntries } from "../sample-table.ts";

const [job, services] = process.argv.slice(2);
const table = { services: Number(services), firstWeight: 1 };
const client = await IpvsClient.open();
console.log(JSON.stringify(job === "write" ? await write() : await read()));
await client.close();

async function write() {
  const operations = creatingOperations(table);
  const { result, cost } = await costOf(() => client.apply(operations));
  const refused = result.find(({ ok }) => !ok);
  if (refused?.ok === false) throw new Error(refused.message);
  return cost;
}

async function read() {
  const wanted = desiredEntries(table);
  const { result, cost } = await costOf(async () => {
    const entries = await client.dump();
    return { entries, operations: diff(wanted, entries, () => true) };
  });
  checkEntries(table, result.entries);
  if (result.operations.length > 0) throw new Error(`${result.operations.length} differences in an unchanged table`);
  return cost;
}

async function costOf<T>(body: () => Promise<T>) {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const result = await body();
  const wallMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  return { result, cost: { wallMs, cpuMs: (user + system) / 1000 } };
}
