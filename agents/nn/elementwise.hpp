#pragma once
#include <span>

#include "agents/nn/activation.hpp"

/// Functions of arrays, element by element, in single precision and without the C library. The bits are the
/// same on every instruction set and do not depend on an element's place. Spans of one call have one size and
/// may be the same array.
///
/// The stated maximum errors are checked by tests/unit/nn/elementwise_test.cpp against long double over the
/// whole range (ulp: units in the last place of the exact result; correct rounding would be 0.5). They hold
/// for subnormal results too. NaN gives NaN; which of the NaNs is open.
namespace swarm {
namespace nn {

/// e^x; 0.92 ulp. 0 below −103.98, ∞ above 88.73. As x grows a result may be one ulp below the one before it,
/// which befalls 2,890 of all floats.
void exponential(std::span<const float> in, std::span<float> out);

/// f(x). relu and none are exact; tanh 1.4 ulp, ±1 from |x| = 9.02; sigmoid 1.5 ulp, 1 from 17.4 and 0 below
/// −103.98; gelu 6.6 ulp, the left tail included, 0 from −14.4 down. As x grows tanh never falls; 2,670
/// results of sigmoid are one ulp below the one before.
void activate(Activation f, std::span<const float> in, std::span<float> out);

/// gradient = delta·f′, one step of backpropagation. `at` holds what f is cheapest and exactly known from:
/// f's results for relu, tanh and sigmoid, f's arguments for gelu; for none it is not read. The slope f′
/// itself is 1 or 0 for relu (0 at 0); 1 − y² for tanh and y − y² for sigmoid, rounded once; for gelu within
/// 2e-7.
void activation_gradient(Activation f, std::span<const float> at, std::span<const float> delta,
                         std::span<float> gradient);

}  // namespace nn
}  // namespace swarm
