import { leaveSupervisor } from "../children/hear-supervisor.ts";
import { tellSupervisor } from "../children/tell-supervisor.ts";

// A child for the tests of KeptChild: ends as the first word of its arguments says, or answers what it is told.
const [how] = process.argv.slice(2);
if (how === "dies") process.exit(3);
process.on("disconnect", () => process.exit(0));
process.on("message", (message) => {
  if (how === "tells") {
    let taken = 0;
    const onTaken = () => {
      taken += 1;
    };
    // The first fills the channel, the rest waits for it.
    tellSupervisor({ echo: message, pid: process.pid, much: "x".repeat(8_000_000) }, onTaken);
    for (let nth = 1; nth < 1500; nth++) tellSupervisor({ nth }, onTaken);
    tellSupervisor({ last: true }, () => tellSupervisor({ taken }, leaveSupervisor));
    return;
  }
  // More than a channel takes at once.
  const more = how === "leaves" ? { much: "x".repeat(8_000_000) } : {};
  process.send?.({ echo: message, pid: process.pid, ...more });
  if (how === "leaves") leaveSupervisor();
});
