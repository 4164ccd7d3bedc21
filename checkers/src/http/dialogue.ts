import type { ConnectOptions, HttpProtocol, Url } from "../check.ts";
import type { Dialogue } from "../dialogue.ts";
import { HttpExchange } from "./exchange.ts";
import type { ResponseLimits } from "./parser.ts";
import { buildRequest } from "./request.ts";

interface HttpSettings {
  readonly connect: ConnectOptions;
  readonly httpProtocol: HttpProtocol;
}

/** One request and the judgement of its answer, whatever transport it goes by. */
export function httpDialogue(url: Url, { connect, httpProtocol }: HttpSettings, limits: ResponseLimits): Dialogue {
  const exchange = new HttpExchange(url, limits);
  const { path, virtualhost } = url;
  const { address, port } = connect;
  return {
    get phase() {
      return exchange.phase;
    },
    connected: () => ({ send: buildRequest({ path, virtualhost, address, port }, httpProtocol) }),
    push: (bytes) => exchange.push(bytes),
    end: () => exchange.end(),
  };
}
