// x * y + z, rounded once, without the instruction: as C libraries do it, but for those that round twice (mingw-w64).
#pragma once

namespace exprjit {

double fusedMultiplyAdd(double x, double y, double z);

}  // namespace exprjit
