/** The waiting page that leads on to `to`, a path of this site with its locale. Without the locale. */
export function waitingRoomPath(roomId: string, to: string): string {
  return `/waiting-room/${roomId}?to=${encodeURIComponent(to)}`;
}

/** Where who waits there is asked whether he wants to leave the line. Without the locale. */
export function leavePath(roomId: string, to: string): string {
  return `/waiting-room/${roomId}/leave?to=${encodeURIComponent(to)}`;
}
