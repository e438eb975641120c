#pragma once
#include "agents/nn/isa/attention.hpp"
#include "agents/nn/isa/conv.hpp"
#include "agents/nn/isa/dense.hpp"
#include "agents/nn/isa/elementwise.hpp"
#include "agents/nn/isa/half.hpp"
#include "agents/nn/isa/integer.hpp"
#include "agents/nn/isa/optimiser.hpp"
#include "agents/nn/isa/rows.hpp"
#include "agents/nn/isa/sparse.hpp"

/// The one narrow interface between networks and arithmetic. Each instruction set fills one table; a faster
/// kernel is another way to fill it. The headers in this folder are all that the kernel objects share with the
/// rest of the program, and they hold declarations only: an inline function here could be linked from the
/// object with the widest instructions into a program that runs without them.
namespace swarm {
namespace nn {
namespace isa {

struct Kernels {
  AttentionKernels attention;
  ConvKernels conv;
  DenseKernels dense;
  ElementwiseKernels elementwise;
  HalfKernels half;
  IntegerKernels integer;
  OptimiserKernels optimiser;
  RowKernels rows;
  SparseKernels sparse;
};

extern const Kernels kPortable;
extern const Kernels kAvx2;
extern const Kernels kAvx512;

}  // namespace isa
}  // namespace nn
}  // namespace swarm
