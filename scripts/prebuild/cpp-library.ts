import { join } from 'node:path';
import type { CrossCompiler } from './cross-compiler.ts';
import type { PrebuildTarget } from './targets.ts';

/*
 * The compiler would make the whole of the C++ library for each system, nine tenths of which are streams, locales and file systems,
 * and take two minutes for each. An addon needs a dozen of its sources, which are compiled here as zig 0.11 compiles them; what lacks
 * is an error of the linker or, where undefined symbols are allowed, of the tests of the package.
 */

/** Instead of the linker's own: nothing of C++ but what is given, and below it the unwinder, which macOS has. */
export function cppLibraryLinkFlags({ format }: PrebuildTarget): string[] {
  return ['-nostdlib++', ...(format === 'mach-o' ? [] : ['-lunwind'])];
}

interface Part {
  readonly name: string;
  readonly folder: string;
  readonly sources: readonly string[];
  readonly flags: readonly string[];
}

const libraryFlags = [
  '-DNDEBUG',
  '-D_LIBCPP_BUILDING_LIBRARY',
  '-D_LIBCPP_HAS_NO_PRAGMA_SYSTEM_HEADER',
  '-DLIBCXX_BUILDING_LIBCXXABI',
  '-D_LIBCPP_DISABLE_NEW_DELETE_DEFINITIONS',
];

/** Sources that go together are one, since it is the headers that take time. */
function parts(platform: PrebuildTarget['platform']): Part[] {
  const folder = 'libcxx/src';
  return [
    {
      name: 'cxx',
      folder,
      sources: [
        ...['chrono', 'condition_variable', 'exception', 'future', 'memory', 'mutex', 'new', 'stdexcept'],
        ...['string', 'system_error', 'thread'],
        ...(platform === 'win32'
          ? ['support/win32/locale_win32', 'support/win32/support', 'support/win32/thread_win32']
          : []),
      ],
      // What memory.cpp and system_error.cpp say themselves, before they include what the others have included already.
      flags: [
        ...libraryFlags,
        '-D_LIBCPP_SHARED_PTR_DEFINE_LEGACY_INLINE_FUNCTIONS',
        '-D_LIBCPP_ERROR_CATEGORY_DEFINE_LEGACY_INLINE_FUNCTIONS',
        '-Wno-macro-redefined',
      ],
    },
    // They define classes of their own where others include the header.
    ...['condition_variable_destructor', 'mutex_destructor'].map((name) => ({
      name,
      folder,
      sources: [name],
      flags: libraryFlags,
    })),
    {
      name: 'cxxabi',
      folder: 'libcxxabi/src',
      // Without cxa_demangle, which native/prebuild/demangle.cc stands for.
      sources: [
        ...['abort_message', 'cxa_default_handlers', 'cxa_exception', 'cxa_exception_storage', 'cxa_guard'],
        ...['cxa_handlers', 'cxa_personality', 'cxa_virtual', 'fallback_malloc', 'private_typeinfo'],
        ...['stdlib_exception', 'stdlib_new_delete', 'stdlib_stdexcept', 'stdlib_typeinfo'],
      ],
      flags: [
        '-DNDEBUG',
        '-D_LIBCXXABI_BUILDING_LIBRARY',
        '-D_LIBCPP_DISABLE_EXTERN_TEMPLATE',
        '-D_LIBCPP_ENABLE_CXX17_REMOVED_UNEXPECTED_FUNCTIONS',
      ],
    },
  ];
}

/** Compiles what addons need of the C++ library, with the flags for the system, to objects in `folder`. */
export async function compileCppLibrary(
  compiler: CrossCompiler,
  { platform }: PrebuildTarget,
  systemFlags: readonly string[],
  folder: string,
): Promise<string[]> {
  const objects = await Promise.all(
    parts(platform).map(({ name, folder: within, sources, flags }) =>
      compiler.compileAsOne(
        sources.map((source) => join(compiler.libraries, within, `${source}.cpp`)),
        [
          ...systemFlags,
          ...['-std=c++20', '-Os', '-fvisibility=hidden', '-fvisibility-inlines-hidden'],
          ...['-Wno-user-defined-literals', ...flags],
          ...[within, 'libcxx/src'].map((path) => `-I${join(compiler.libraries, path)}`),
        ],
        join(folder, name),
      ),
    ),
  );
  return objects;
}
