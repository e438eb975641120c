#include "agents/nn/lookup.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <functional>

#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace nn {
namespace {

void check_ids(std::span<const std::uint32_t> ids, std::size_t rows) {
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (ids[i] >= rows)
      throw ModelError(fmt::format("id {} (number {}) is beyond a table of {} rows", ids[i], i, rows));
}

constexpr std::uint32_t kSign = 0x8000'0000;

/// Larger for a better value, then for a lower index; different for every element.
std::uint64_t selection_key(float value, std::uint32_t index, bool largest) {
  std::uint32_t rank = 0;  // NaN
  if (value == value) {
    const auto bits = std::bit_cast<std::uint32_t>(value + 0.0f);  // −0 becomes 0
    rank = (bits & kSign) != 0 ? ~bits : bits | kSign;             // ascending with the value, never 0 or ~0
    if (!largest) rank = ~rank;
  }
  return std::uint64_t{rank} << 32 | static_cast<std::uint32_t>(~index);
}

/// Up to so many wanted elements are kept in order while the row passes by.
constexpr std::size_t kFewWanted = 64;

/// The best `wanted` keys of a row to the front of `keys`, in descending order.
void select_few(std::span<const float> row, std::size_t wanted, bool largest, std::uint64_t* keys) {
  std::size_t held = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::uint64_t key = selection_key(row[i], static_cast<std::uint32_t>(i), largest);
    if (held == wanted) {
      if (key < keys[held - 1]) continue;
      --held;
    }
    std::size_t at = held++;
    for (; at > 0 && keys[at - 1] < key; --at) keys[at] = keys[at - 1];
    keys[at] = key;
  }
}

void select_many(std::span<const float> row, std::size_t wanted, bool largest, std::uint64_t* keys) {
  for (std::size_t i = 0; i < row.size(); ++i)
    keys[i] = selection_key(row[i], static_cast<std::uint32_t>(i), largest);
  if (wanted < row.size()) std::nth_element(keys, keys + wanted, keys + row.size(), std::greater<>());
  std::sort(keys, keys + wanted, std::greater<>());
}

}  // namespace

void read_ids(Rows<const float> x, std::uint32_t vocabulary, std::span<std::uint32_t> ids) {
  EXPECT(x.rows == ids.size() && x.width >= 1);
  for (std::size_t r = 0; r < x.rows; ++r) {
    const float id = x.data[r * x.stride];
    if (!(id >= 0 && id < static_cast<float>(vocabulary)) || id != static_cast<float>(static_cast<std::uint32_t>(id)))
      throw ModelError(fmt::format("{} is no id of a vocabulary of {}", id, vocabulary));
    ids[r] = static_cast<std::uint32_t>(id);
  }
}

void embed(Rows<const float> table, std::span<const std::uint32_t> ids, Rows<float> out) {
  EXPECT(out.rows == ids.size() && out.width == table.width);
  check_ids(ids, table.rows);
  for (std::size_t i = 0; i < ids.size(); ++i)
    std::copy_n(table.data + ids[i] * table.stride, table.width, out.data + i * out.stride);
}

void embed_gradient(std::span<const std::uint32_t> ids, Rows<const float> delta, Rows<float> gradient) {
  EXPECT(delta.rows == ids.size() && delta.width == gradient.width);
  check_ids(ids, gradient.rows);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const float* from = delta.data + i * delta.stride;
    float* to = gradient.data + ids[i] * gradient.stride;
    for (std::size_t c = 0; c < delta.width; ++c) to[c] += from[c];
  }
}

void top_k(std::span<const float> row, std::span<std::uint32_t> indices, SelectionScratch& scratch,
           TopK rule) {
  const std::size_t k = indices.size();
  EXPECT(k <= row.size() && row.size() <= kSign);
  if (k == 0) return;
  if (scratch.keys.size() < row.size()) scratch.keys.resize(row.size());
  std::uint64_t* keys = scratch.keys.data();
  if (k <= kFewWanted)
    select_few(row, k, rule.largest, keys);
  else
    select_many(row, k, rule.largest, keys);
  for (std::size_t i = 0; i < k; ++i) indices[i] = ~static_cast<std::uint32_t>(keys[i]);
  if (!rule.sorted) std::sort(indices.begin(), indices.end());
}

void inverse_norms(Rows<const float> x, std::span<float> out) {
  EXPECT(out.size() == x.rows);
  kernels_of(active_isa())
      .rows.inverse_norms(
          {.x = x.data, .stride = x.stride, .out = out.data(), .rows = x.rows, .width = x.width});
}

void cosine_top_k(std::span<const float> query, Rows<const float> keys, std::span<const float> inverse,
                  std::span<std::uint32_t> indices, std::span<float> cosines, SelectionScratch& scratch) {
  EXPECT(query.size() == keys.width && inverse.size() == keys.rows && cosines.size() == indices.size());
  if (scratch.values.size() < keys.rows) scratch.values.resize(keys.rows);
  float of_query = 0.0f;
  inverse_norms(Rows<const float>::packed(query.data(), 1, query.size()), {&of_query, 1});
  kernels_of(active_isa())
      .rows.products({.query = query.data(),
                      .x = keys.data,
                      .stride = keys.stride,
                      .factors = inverse.data(),
                      .factor = of_query,
                      .out = scratch.values.data(),
                      .rows = keys.rows,
                      .width = keys.width});
  const std::span<const float> all(scratch.values.data(), keys.rows);
  top_k(all, indices, scratch);
  for (std::size_t i = 0; i < indices.size(); ++i) cosines[i] = all[indices[i]];
}

}  // namespace nn
}  // namespace swarm
