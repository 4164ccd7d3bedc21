# A real SMTP server (aiosmtpd) that appends every mail to a file: mail-server.py PORT FILE [ADDRESS]
import sys
import time

from aiosmtpd.controller import Controller


class Append:
    async def handle_DATA(self, server, session, envelope):
        with open(sys.argv[2], "ab") as file:
            recipients = ",".join(envelope.rcpt_tos)
            file.write(f"HELO {session.host_name}\nFROM {envelope.mail_from}\nTO {recipients}\n".encode())
            file.write(envelope.content + b"\n--end--\n")
        return "250 taken"


address = sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1"
Controller(Append(), hostname=address, port=int(sys.argv[1])).start()
print("ready", flush=True)
while True:
    time.sleep(60)
