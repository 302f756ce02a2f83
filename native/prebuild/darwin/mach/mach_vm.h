// What the addon needs of this header of Apple's SDK, which cross compilers do not bring.
#pragma once

#include <mach/mach.h>

#if defined(__cplusplus)
extern "C"
#endif
    kern_return_t
    mach_vm_protect(vm_map_t task, mach_vm_address_t address, mach_vm_size_t size, boolean_t setMaximum,
                    vm_prot_t protection);
