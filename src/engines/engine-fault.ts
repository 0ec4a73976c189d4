/** An engine cannot be found, started or reached. The message is one sentence or two: what is wrong, and what to do. */
export class EngineFault extends Error {
  override readonly name = 'EngineFault';
}

/** The code of a system error, such as `EACCES`. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Turns a failed write into a sentence about the path; other errors pass through. */
export function writeFault(error: unknown, path: string): unknown {
  const reasons: Record<string, string> = {
    EACCES: `${path} may not be written by this user. Give it to this user, or set ONRUSH_HOME to a folder that is.`,
    EPERM: `${path} may not be changed by this user. Give it to this user, or set ONRUSH_HOME to a folder that is.`,
    EROFS: `${path} is on a read-only file system. Set ONRUSH_HOME to a folder that can be written.`,
    ENOSPC: `The disk that holds ${path} is full. Free some space and start again.`,
    EDQUOT: `The disk quota for ${path} is used up. Free some space and start again.`,
    ENOTDIR: `${path} cannot be made, because a part of that path is a file. Move the file or set ONRUSH_HOME elsewhere.`,
    EEXIST: `${path} is in the way: a folder is wanted there. Move it or set ONRUSH_HOME elsewhere.`,
  };
  const reason = reasons[systemCode(error) ?? ''];
  return reason === undefined ? error : new EngineFault(reason, { cause: error });
}
