/** The time as a `Date` tells it (RFC 9110, section 6.6.1), worked out once a second. */
export function createDateLine(): () => string {
  let second = 0;
  let text = '';
  return () => {
    const nowMs = Date.now();
    const now = Math.floor(nowMs / 1000);
    if (now !== second) {
      second = now;
      text = new Date(nowMs).toUTCString();
    }
    return text;
  };
}
