#pragma once
#include "agents/nn/architecture.hpp"
#include "agents/nn/numerics.hpp"
#include "agents/tasks/params.hpp"
#include "sim/workload/problem_type.hpp"

/// What a base specialist is made of.
namespace swarm {
namespace tasks {

/// Network of the parameters' family for a problem type, from 64 numbers to 10. `times` widens hidden layers
/// and channels: 1 for a specialist, params.teacher_width for its teacher. It is not pruned yet.
///
/// A perceptron reads all inputs at once. The other families read rows, each brought to the same number of
/// channels: the eight lines of a vision page, the sixteen symbols of a sequence, and blocks of ten of
/// reasoning and memory, whose parts have ten options each (agents/tasks/reasoning.hpp, memory.hpp); inputs
/// 60 … 63, which hold nothing, are left out. Then
///
/// - conv: two depthwise-separable convolutions over the rows (Chollet 2017), padded to keep their number;
/// - attention: a learnt vector per place, attention with its input added, and layer norm (Vaswani et al.
///   2017);
///
/// and, for both, all rows side by side into a hidden layer and the answers. Throws ModelError for sizes that
/// do not fit.
nn::Architecture architecture_of(const SpecialistParams& params, workload::ProblemType type,
                                 std::int64_t times = 1);

/// In which numbers the specialists run. Those without some of their weights run as sparse ones in fp32.
nn::Numerics numerics_of(const SpecialistParams& params);

}  // namespace tasks
}  // namespace swarm
