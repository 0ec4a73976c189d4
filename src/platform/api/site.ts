import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { ClientSource } from './call.ts';
import type { ClientAddressOf } from './client-address.ts';
import type { Importance } from './contract.ts';
import type { RouteRecorder } from './record.ts';
import type { WireLaneOptions } from './wire-lane.ts';
import type { WireRequest } from './wire-request.ts';
import type { MeterOf } from './work.ts';

/** Pages for people, served by the server of the API. */
export interface Site {
  /** Adds its routes in a scope of their own. What they throw is answered as what a service throws is. */
  attach(scope: FastifyInstance, host: SiteHost): void;
  /** Answers before routing what it holds ready; false for everything else, of which nothing may have been written. */
  answerAtOnce?(request: IncomingMessage, response: ServerResponse): boolean;
  /**
   * The same as bytes, for connections that ask for nothing else (wire-lane.ts). Undefined too where `admits`, which takes from the
   * client's share and is asked for what is held ready only, does not let it.
   */
  wireAnswer?(request: WireRequest, admits: () => boolean): ReturnType<WireLaneOptions['answer']>;
  /** Its routes as they are asked for, for what must know them before they are routed. */
  readonly routes?: readonly SiteRoute[];
  /** Whether the page at this path is in memory, whoever asks. */
  isKept?(path: string): boolean;
  /**
   * What somebody is shown instead of a problem document: HTML, or undefined to send the problem. Only asked for who
   * accepts HTML; must not fail. `slug` names the problem: 503 alone does not say whether the shop is busy or a part of it
   * is away.
   */
  errorPage(request: IncomingMessage, status: number, slug: string): ErrorPage | undefined;
}

export interface SiteRoute {
  readonly method: string;
  /** With its language, in Fastify's notation. */
  readonly path: string;
  /** The same without: what it is called wherever routes are named. */
  readonly barePath: string;
  /** As in the contract table: 1 is a simple read. */
  readonly costUnits: number;
  /** What it costs a script, which asks for JSON; left out, as much. */
  readonly scriptCostUnits?: number;
  /** Rendered once and kept: only the first view of it, and views of what is not there, cost what it says. */
  readonly isKept: boolean;
}

export interface SiteHost {
  nextRequestId(): string;
  recorderOf(routeId: string, importance?: Importance): RouteRecorder;
  readonly meterOf?: MeterOf | undefined;
  isStopping(): boolean;
  readonly addressOf: ClientAddressOf;
  readonly client?: ClientSource | undefined;
}

export interface ErrorPage {
  readonly headers: readonly string[];
  readonly html: string;
}
