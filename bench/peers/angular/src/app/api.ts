/// Requests to `/web`.

/** Nobody is signed in. */
export class Unauthorized extends Error {}

/** The answer, if it is one of success; else what the server says about it, as an error. */
export async function request(path: string, body?: unknown): Promise<Response> {
  const answer = await fetch(path, {
    cache: 'no-store',
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => ({}))) as { detail?: string };
  const sentence = problem.detail ?? 'The server could not answer that.';
  throw answer.status === 401 ? new Unauthorized(sentence) : new Error(sentence);
}

export async function get<T>(path: string): Promise<T> {
  return (await request(path)).json() as Promise<T>;
}
