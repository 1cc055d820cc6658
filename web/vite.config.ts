import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const server = 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    // Every browser that runs this target preloads modules by itself.
    modulePreload: { polyfill: false },
    // Inlined files would become data: addresses, which the security policy allows for pictures only.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  server: {
    proxy: { '/api': server, '/media': server, '/uploads': server, '/log': server },
    // Beside the repository, where they are there: known answers of other implementations (src/glass).
    fs: { allow: ['.', '../../shared/vectors'] },
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'], setupFiles: ['script/test-setup.mjs'] },
});
