/// What every refusal over HTTP looks like.
import { expect } from '@playwright/test';

/** Checks that an answer is a problem of this status, and that it tells nothing of the inside. */
export async function expectProblem(answer: Response, status: number, code?: string): Promise<Record<string, unknown>> {
  const text = await answer.text();
  expect(answer.status, text).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(text) as Record<string, unknown>;
  expect(problem).toMatchObject({ code: expect.stringMatching(/^[a-z]+(-[a-z]+)*$/), detail: expect.any(String) });
  if (code !== undefined) expect(problem.code).toBe(code);
  expectNothingInternal(text);
  return problem;
}

/** Checks that text for people names no SQL, no path and no source. */
export function expectNothingInternal(text: string): void {
  expect(text).not.toMatch(/SELECT |INSERT |sqlite|constraint|sea_orm|\.rs\b|serde|panicked|\/home\/|\/tmp\/|RUST_BACKTRACE/i);
}
