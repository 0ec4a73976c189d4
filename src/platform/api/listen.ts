// The system has its own bound (`net.core.somaxconn`, 4,096 on Linux) and takes the smaller one.
const acceptQueueMax = 65_535;

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
}

/**
 * How a server listens that a crowd comes to. The system takes connections on behalf of a process that is busy, as many as its
 * queue holds; of the others it drops the first packet, and whoever sent it waits a second before he sends it again, then two,
 * then four. Node's queue of 511 is full after a twentieth of a second when ten thousand arrive in one.
 */
export function listenAt(host: string, port: number): ListenOptions {
  return { host, port, backlog: acceptQueueMax };
}
