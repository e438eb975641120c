#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "agents/nn/rows.hpp"

/// Finding rows: by id, by value and by cosine. The bits are the same on every instruction set.
namespace swarm {
namespace nn {

/// The whole numbers in the first column of x. Throws ModelError for one that is no id of the vocabulary: ids are
/// 0 … vocabulary − 1.
void read_ids(Rows<const float> x, std::uint32_t vocabulary, std::span<std::uint32_t> ids);

/// out[i] = table[ids[i]]. Throws ModelError if an id is not below table.rows; nothing is written then.
void embed(Rows<const float> table, std::span<const std::uint32_t> ids, Rows<float> out);

/// gradient[ids[i]] += delta[i], in the order of i. Throws ModelError as embed does.
void embed_gradient(std::span<const std::uint32_t> ids, Rows<const float> delta, Rows<float> gradient);

/// Which elements are wanted and in which order they come (ONNX TopK). NaN comes after every number in both
/// directions; equals, −0 and 0 among them, come in the order of their indices.
struct TopK {
  bool largest = true;  ///< else the smallest
  bool sorted = true;   ///< best first; else by ascending index
};

/// What selections work in: grows to the largest one and is then reused.
struct SelectionScratch {
  std::vector<std::uint64_t> keys;
  std::vector<float> values;
};

/// The k = indices.size() best of `row`, k ≤ row.size(). Their values: row[indices[i]].
void top_k(std::span<const float> row, std::span<std::uint32_t> indices, SelectionScratch& scratch,
           TopK rule = {});

/// out[r] = 1/|x[r]|, 0 for a row of zeros. Squares are summed in single precision: components should lie
/// between 1e-18 and 1e18 or be 0.
void inverse_norms(Rows<const float> x, std::span<float> out);

/// The k = indices.size() rows of `keys` whose computed cosine with `query` is largest: best first, ties by
/// index, NaN last; k ≤ keys.rows. inverse: inverse_norms(keys). cosines[i] belongs to indices[i]; it is 0
/// where the query or the key is zero and may exceed 1 by rounding.
void cosine_top_k(std::span<const float> query, Rows<const float> keys, std::span<const float> inverse,
                  std::span<std::uint32_t> indices, std::span<float> cosines, SelectionScratch& scratch);

}  // namespace nn
}  // namespace swarm
