/** Milliseconds by the clock that all processes of a machine share and that never jumps, from no instant in particular. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
