// Uploads: in the page, and videos that a spec needs but does not test the making of.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { Upload } from 'tus-js-client';

import { eventually } from './api.mjs';
import { makeClip } from './clips.mjs';

export const processingMsMax = 120_000;

/** Opens the upload page and fills it in, without sending. */
export async function chooseClip(page, clip, caption) {
  await page.goto('/upload');
  await page.locator('input[type="file"]').setInputFiles(clip);
  await page.getByLabel('Caption').fill(caption);
}

export const startUpload = (page) => page.getByRole('button', { name: 'Upload', exact: true }).click();

const isLive = ({ state }) => state === 'live';

/**
 * Uploads a clip in the client's name, and gives the video once it is live, or `ready`. One file is taken from an account
 * only once. `clip` describes what is made (see makeClip), unless there is a `file`; `edits` are further metadata.
 */
export async function publish(client, { caption = '', tags = [], seconds = 3, clip = {}, file = makeClip({ seconds, ...clip }), edits = {}, ready = isLive } = {}) {
  const upload = await new Promise((resolve, reject) => {
    const one = new Upload(readFileSync(file), {
      endpoint: `${client.server.url}/uploads`,
      headers: { Authorization: `Bearer ${client.token}` },
      metadata: { filename: 'clip.mp4', filetype: 'video/mp4', caption, tags: tags.join(','), ...edits },
      onError: reject,
      onSuccess: () => resolve(one),
    });
    one.start();
  });
  const id = upload.url.split('/').pop();
  return eventually(`video ${id} is ready`, async () => {
    const video = await client.get(`/videos/${id}`);
    assert.notEqual(video.state, 'failed', JSON.stringify(video.failure));
    return ready(video) && video;
  }, processingMsMax);
}
