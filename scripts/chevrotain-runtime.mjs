/**
 * For esbuild: of chevrotain, what parses. What analyses grammars, makes lexers and trees of its own, recovers and assists is left
 * out: our grammar is written with what it decides by (`src/lang/lookahead.ts`), and has its own scanner and trees. That is two
 * thirds of the code, which would have to be read at each start.
 *
 * A stand-in has what others import from the module in whose place it is, and nothing that is ever run.
 */
import { fileURLToPath } from 'node:url';

/** By their paths in `node_modules`. */
const standIns = new Map([
  [
    'chevrotain/lib/src/api.js',
    `export { EmbeddedActionsParser } from './parse/parser/parser.js';
     export { createToken, createTokenInstance, EOF } from './scan/tokens_public.js';
     export { Lexer } from './scan/lexer_public.js';
     export * from './parse/exceptions_public.js';`,
  ],
  ['chevrotain/lib/src/scan/lexer_public.js', 'export class Lexer {} Lexer.NA = /NOT_APPLICABLE/;'],
  [
    'chevrotain/lib/src/parse/errors_public.js',
    'export const defaultParserErrorProvider = undefined; export const defaultGrammarValidatorErrorProvider = undefined;',
  ],
  ['chevrotain/lib/src/parse/grammar/follow.js', 'export const computeAllProdsFollows = undefined;'],
  [
    'chevrotain/lib/src/parse/grammar/checks.js',
    'export const validateLookahead = undefined; export const validateRuleIsOverridden = undefined;',
  ],
  ['chevrotain/lib/src/parse/grammar/llk_lookahead.js', 'export class LLkLookaheadStrategy {}'],
  [
    'chevrotain/lib/src/parse/grammar/gast/gast_resolver_public.js',
    'export const resolveGrammar = undefined; export const validateGrammar = undefined;',
  ],
  [
    'chevrotain/lib/src/parse/grammar/lookahead.js',
    `export const PROD_TYPE = {};
     export const getLookaheadPathsForOr = undefined; export const getLookaheadPathsForOptionalProd = undefined;`,
  ],
  [
    'chevrotain/lib/src/parse/grammar/interpreter.js',
    `export class NextTerminalAfterManyWalker {} export class NextTerminalAfterManySepWalker {}
     export class NextTerminalAfterAtLeastOneWalker {} export class NextTerminalAfterAtLeastOneSepWalker {}`,
  ],
  [
    'chevrotain/lib/src/parse/parser/traits/gast_recorder.js',
    'export class GastRecorder { initGastRecorder() { this.RECORDING_PHASE = false; } }',
  ],
  [
    'chevrotain/lib/src/parse/parser/traits/context_assist.js',
    'export class ContentAssist { initContentAssist() {} }',
  ],
  [
    'chevrotain/lib/src/parse/cst/cst_visitor.js',
    `export const createBaseSemanticVisitorConstructor = undefined;
     export const createBaseVisitorConstructorWithDefaults = undefined;`,
  ],
  [
    '@chevrotain/gast/lib/src/api.js',
    `export class GAstVisitor {}
     export const getProductionDslName = undefined; export const serializeGrammar = undefined;`,
  ],
]);

const lodash = fileURLToPath(new URL('chevrotain-lodash.mjs', import.meta.url));

export const chevrotainRuntime = {
  name: 'chevrotain-runtime',
  setup(build) {
    const missing = new Set(standIns.keys());
    build.onLoad({ filter: /node_modules\/@?chevrotain\// }, ({ path }) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const contents = standIns.get(name);
      missing.delete(name);
      return contents === undefined ? undefined : { contents, loader: 'js' };
    });
    build.onResolve({ filter: /^lodash-es$/ }, () => ({ path: lodash, sideEffects: false }));
    build.onEnd(() => {
      if (missing.size === 0) return undefined;
      return { errors: [{ text: `chevrotain has no ${[...missing].join(', ')} any more` }] };
    });
  },
};
