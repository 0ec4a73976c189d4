/** The waiting page that leads on to `to`, a path of this site with its locale. Without the locale. */
export function waitingRoomPath(roomId: string, to: string): string {
  return `/waiting-room/${roomId}?to=${encodeURIComponent(to)}`;
}
