// Clips made by FFmpeg's own sources.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A portrait clip with a tone.
 * @param {{seconds?: number, megabits?: number, width?: number, height?: number, colour?: string, hertz?: number}} options
 *   `megabits` a second makes a large file of noise, for uploads that take a while; `colour` a plain picture.
 */
export function makeClip({ seconds = 3, megabits = 0, width = 540, height = 960, colour = '', hertz = 330 } = {}) {
  const folder = join(tmpdir(), 'vitrine-clips');
  const path = join(folder, `${seconds}s-${megabits}M-${width}x${height}-${colour}${hertz}.mp4`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const made = `${path}.${process.pid}.mp4`; // others may want the same one at the same time
  const source = colour ? `color=${colour}:` : 'testsrc2=';
  const picture = `${source}size=${width}x${height}:rate=30${megabits ? ',noise=alls=80:allf=t' : ''}`;
  const rate = megabits ? ['-b:v', `${megabits}M`, '-minrate', `${megabits}M`, '-maxrate', `${megabits}M`, '-bufsize', `${megabits}M`] : [];
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...rate, '-c:a', 'aac'];
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', `sine=frequency=${hertz}`,
    '-t', String(seconds), ...encode, made], { stdio: ['ignore', 'ignore', 'inherit'] });
  renameSync(made, path);
  return path;
}
