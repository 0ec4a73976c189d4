import { createHttpPool, HttpFault, type HttpTarget } from '../http-client.ts';
import { DrillFault } from './drill-fault.ts';

/** The shop's staff: prepares the sale and tidies up after it. */
export interface Admin {
  /** The answer's body. Throws DrillFault where it is none of the statuses. */
  call<T>(method: string, path: string, body?: object): Promise<T>;
  close(): void;
}

export function createAdmin(target: HttpTarget, adminToken: string): Admin {
  const http = createHttpPool({ ...target, connectionsMax: 4, headers: { authorization: `Bearer ${adminToken}` } });
  return {
    async call<T>(method: string, path: string, body?: object): Promise<T> {
      const request = { method, path, ...(body !== undefined && { body: JSON.stringify(body) }) };
      let answer: Awaited<ReturnType<typeof http.request>>;
      try {
        answer = await http.request(request);
      } catch (error) {
        if (!(error instanceof HttpFault)) throw error;
        throw new DrillFault(
          `The shop at ${target.host}:${target.port} does not answer (${error.message}). Is it running?`,
          { cause: error },
        );
      }
      if (answer.status < 300) return (answer.body === '' ? undefined : JSON.parse(answer.body)) as T;
      if (answer.status === 401 || answer.status === 403) {
        throw new DrillFault("The shop does not take this admin token. Set ONRUSH_ADMIN_TOKEN to the shop's own.");
      }
      throw new DrillFault(`${method} ${path} was answered ${answer.status}: ${answer.body.slice(0, 500)}`);
    },
    close: () => http.close(),
  };
}
