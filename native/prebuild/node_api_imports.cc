// Node-API for an addon that is linked without an import library. The headers declare its functions as those of a DLL, so
// compilers call them through pointers `__imp_…`; here these are defined, and filled from whichever program hosts the
// addon: Node by any name of its executable, Electron, Bun, Deno.
//
// `node_api_functions.inc` is made of what the compiled addon refers to (`scripts/prebuild/node-api-imports.ts`), one
// EXPRJIT_NODE_API(name) a line.
#include <windows.h>

#define EXPRJIT_NODE_API(name)     \
  extern "C" void *__imp_##name; \
  void *__imp_##name;
#include "node_api_functions.inc"
#undef EXPRJIT_NODE_API

namespace {

struct Import {
  void **pointer;
  const char *name;
};

const Import kImports[] = {
#define EXPRJIT_NODE_API(name) {&__imp_##name, #name},
#include "node_api_functions.inc"
#undef EXPRJIT_NODE_API
};

bool bindNodeApi() {
  HMODULE host = GetModuleHandleA("libnode.dll");
  if (host == nullptr) host = GetModuleHandleA(nullptr);
  for (const Import &each : kImports) {
    *each.pointer = reinterpret_cast<void *>(GetProcAddress(host, each.name));
    if (*each.pointer == nullptr) return false;
  }
  return true;
}

}  // namespace

// In a host without all of these functions the addon does not load.
extern "C" BOOL WINAPI DllMain(HINSTANCE, DWORD reason, LPVOID) {
  return reason != DLL_PROCESS_ATTACH || bindNodeApi();
}
