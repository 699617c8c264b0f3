import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// The server sends these as they are, so that it need not compress at every start.
const compressible = /\.(js|css|svg)$/;

const compressedCopies = (): Plugin => ({
  name: 'compressed-copies',
  apply: 'build',
  generateBundle: {
    // After Vite itself, which only now writes into the code how the parts that come later are loaded.
    order: 'post',
    handler(_, bundle) {
      for (const [fileName, entry] of Object.entries(bundle)) {
        if (!compressible.test(fileName)) continue;
        const content = Buffer.from(entry.type === 'chunk' ? entry.code : entry.source);
        const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } });
        this.emitFile({ type: 'asset', fileName: `${fileName}.br`, source: brotli });
        this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source: gzipSync(content, { level: 9 }) });
      }
    },
  },
});

export default defineConfig({
  root: import.meta.dirname,
  // Addresses in the page are relative, so that it also works below a path of another server.
  base: './',
  plugins: [react(), compressedCopies()],
  build: {
    outDir: '../../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // Nothing inline: the content security policy allows no data: addresses but for pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_000,
    reportCompressedSize: false,
  },
});
