// A child for the tests of KeptChild: ends as the first word of its arguments says, or answers what it is told.
const [how] = process.argv.slice(2);
if (how === "dies") process.exit(3);
process.on("message", (message) => process.send?.({ echo: message, pid: process.pid }));
