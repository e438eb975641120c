#pragma once
#include <cstdint>

#include "agents/nn/rows.hpp"

/// Layers that add up, move or average whole rows. `rows_each`: rows of a sample. Additions are single rounded ones.
namespace swarm {
namespace nn {

/// y += x, of the same shape.
void add_rows(Rows<const float> x, Rows<float> y);
/// y = x + table, whose row is that of x within its sample. An output may be the input.
void add_places(Rows<const float> x, Rows<const float> table, Rows<float> y);
/// The rows of a sample one after the other in a single one.
void flatten(Rows<const float> x, std::uint32_t rows_each, Rows<float> y);
/// The mean of the rows of a sample: their sum, ascending from the first, then one division.
void mean_rows(Rows<const float> x, std::uint32_t rows_each, Rows<float> y);

}  // namespace nn
}  // namespace swarm
