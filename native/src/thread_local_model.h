// How variables of a thread are found that every call looks at.
#pragma once

// Initial-exec, since the general model costs a fifth of a call; musl has no room for that in a library that is loaded late.
#if defined(__GLIBC__)
#define EXPRJIT_INITIAL_EXEC __attribute__((tls_model("initial-exec")))
#else
#define EXPRJIT_INITIAL_EXEC
#endif
