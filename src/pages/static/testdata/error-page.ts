/** The least that a site can say of a failure. */
export function errorHtml(status: number) {
  return { headers: [], html: `<h1>${status}</h1>` };
}
