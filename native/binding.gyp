{
  "targets": [
    {
      "target_name": "exprjit",
      "sources": [
        "src/addon.cc",
        "src/addon_arguments.cc",
        "src/addon_environment.cc",
        "src/addon_memory.cc",
        "src/addon_profiling.cc",
        "src/addon_system.cc",
        "src/arithmetic.cc",
        "src/cpu.cc",
        "src/frame_fuel.cc",
        "src/fused_multiply_add.cc",
        "src/kernel_arrays.cc",
        "src/kernel_run.cc",
        "src/kernel_runs.cc",
        "src/kernel_threads.cc",
        "src/mapping_registry.cc",
        "src/profile_markers.cc",
        "src/session.cc",
        "src/shared_array.cc",
        "src/stack_limit.cc",
        "src/virt_mem_probe.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      # An exception that cannot be thrown any more, because the worker is being terminated, is dropped;
      # one of C++ (std::bad_alloc) becomes one of JavaScript.
      "defines": [
        "NAPI_VERSION=8",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        "NODE_ADDON_API_CPP_EXCEPTIONS_ALL",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags!": ["-fno-exceptions", "-O3"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++20"],
      "cflags": ["-O2", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "cflags_cc": ["-std=c++17", "-fexceptions"],
      "xcode_settings": {
        "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
        "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
        "GCC_OPTIMIZATION_LEVEL": "2",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
        "MACOSX_DEPLOYMENT_TARGET": "11.0"
      },
      "msvs_settings": {
        "VCCLCompilerTool": { "ExceptionHandling": 1, "AdditionalOptions": ["/std:c++17"] }
      },
      "conditions": [
        ["OS=='win'", {
          "sources": ["src/os_thread_win32.cc", "src/virt_mem_win32.cc"]
        }, {
          "sources": [
            "src/os_thread_posix.cc",
            "src/virt_mem_posix.cc",
            "src/virt_mem_posix_dual.cc",
            "src/virt_mem_posix_error.cc"
          ]
        }],
        ["OS=='linux'", {
          "libraries": ["-lrt"]
        }]
      ]
    },
    {
      # What only tests ask for: built beside the other, and not shipped.
      "target_name": "exprjit_test",
      "sources": ["test/layouts.cc"],
      "include_dirs": ["src"],
      "cflags": ["-Wall", "-Wextra"]
    }
  ]
}
