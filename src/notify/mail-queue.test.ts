import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { added, done, failed, type Mail, type MailQueue, nextMail, noMail } from "./mail-queue.ts";

const alert = (number: number) => ({ subject: `change ${number}`, text: `text ${number}.` });
const queueOf = (count: number): MailQueue =>
  Array.from({ length: count }, (_, index) => alert(index)).reduce(added, noMail);

describe("the queue of mails", () => {
  test("a few changes are a mail each, the oldest first", () => {
    const queue = queueOf(4);
    const first = nextMail(queue) as Mail;
    expect(first).toMatchObject({ ...alert(0), covers: 1 });
    expect(nextMail(done(queue, first))).toMatchObject(alert(1));
    expect(nextMail(noMail)).toBeNull();
  });

  test("many are one mail", () => {
    const queue = queueOf(5);
    const mail = nextMail(queue) as Mail;
    expect(mail.subject).toBe("5 changes, the last: change 4");
    expect(mail.text.split("\n")).toEqual([0, 1, 2, 3, 4].flatMap((n) => [`change ${n}`, `    text ${n}.`]));
    expect(done(queue, mail)).toEqual(noMail);
  });

  test("too many: the oldest go, and the next mail says how many", () => {
    const mail = nextMail(queueOf(1003)) as Mail;
    expect(mail.text).toMatch(/^3 older changes are not in this mail/);
    expect(mail).toMatchObject({ covers: 1000, subject: "1003 changes, the last: change 1002" });
  });

  test("failures slow down", () => {
    let queue = queueOf(1);
    const delays = Array.from({ length: 9 }, () => {
      const next = failed(queue);
      queue = next.queue;
      return next.retryInMs / 1000;
    });
    expect(delays).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  test("whatever comes while a mail is under way: each change is mailed once or counted as lost", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1500), fc.nat(1500)), { maxLength: 8 }), (steps) => {
        let queue = noMail;
        let count = 0;
        let covered = 0;
        const add = (more: number): void => {
          for (let index = 0; index < more; index++) queue = added(queue, alert(count++));
        };
        const finish = (while_: number): void => {
          const mail = nextMail(queue);
          if (mail === null) return;
          add(while_);
          queue = done(queue, mail);
          covered += mail.covers + mail.dropped;
        };
        for (const [before, during] of steps) {
          add(before);
          finish(during);
        }
        for (let rounds = 0; rounds < 10; rounds++) finish(0);
        expect(covered).toBe(count);
        expect(queue).toEqual(noMail);
      }),
      { numRuns: 30 },
    );
  });
});
