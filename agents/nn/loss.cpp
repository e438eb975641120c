#include "agents/nn/loss.hpp"

#include <algorithm>
#include <cmath>

#include "sim/core/checks.hpp"
#include "sim/core/math.hpp"

namespace swarm {
namespace nn {

void check(const Targets& targets) {
  if (!(targets.teacher_share >= 0 && targets.teacher_share <= 1)) throw ModelError("a teacher's share lies in [0, 1]");
  if (targets.teacher_share > 0 && targets.teacher == nullptr) throw ModelError("a teacher's share needs a teacher");
  if (targets.teacher != nullptr && !(targets.temperature > 0 && std::isfinite(targets.temperature)))
    throw ModelError("a teacher's temperature is finite and positive");
}

void Loss::Shares::compute(Rows<const float> logits, float temperature) {
  const std::size_t n = logits.rows, width = logits.width, whole = padded(n * width);  // no vector in part
  if (sums.size() < n) {
    sums.resize(n);
    logs.resize(n);
  }
  if (shifted.size() < whole) {
    shifted.resize(whole);
    exponentials.resize(whole);
  }
  for (std::size_t s = 0; s < n; ++s) {
    const float* x = logits.data + s * logits.stride;
    const float largest = x[argmax(x, static_cast<std::uint32_t>(width))];
    for (std::size_t c = 0; c < width; ++c) shifted[s * width + c] = (x[c] - largest) / temperature;
  }
  math::exp(std::span<const float>(shifted.data(), whole), std::span<float>(exponentials.data(), whole));
  for (std::size_t s = 0; s < n; ++s) {
    float sum = 0.0f;
    for (std::size_t c = 0; c < width; ++c) sum += exponentials[s * width + c];
    sums[s] = static_cast<double>(sum);
  }
  math::log(std::span<const double>(sums.data(), n), std::span<double>(logs.data(), n));
}

double Loss::add_labels(Rows<const float> logits, const std::uint8_t* labels, Rows<float> delta) {
  student_.compute(logits, 1.0f);
  const float share = 1.0f / static_cast<float>(logits.rows);
  double loss = 0.0;
  for (std::size_t s = 0; s < logits.rows; ++s) {
    EXPECT(labels[s] < logits.width);
    const float* e = student_.exponentials.data() + s * logits.width;
    const float sum = static_cast<float>(student_.sums[s]);
    float* d = delta.data + s * delta.stride;
    loss -= static_cast<double>(student_.shifted[s * logits.width + labels[s]]);
    for (std::size_t c = 0; c < logits.width; ++c) d[c] = e[c] / sum * share;
    d[labels[s]] = (e[labels[s]] / sum - 1.0f) * share;
  }
  for (std::size_t s = 0; s < logits.rows; ++s) loss += student_.logs[s];
  return loss;
}

double Loss::add_teacher(Rows<const float> logits, const Targets& targets, Rows<float> delta) {
  const std::size_t width = logits.width;
  const float temperature = targets.temperature;
  student_.compute(logits, temperature);
  teacher_.compute(Rows<const float>::packed(targets.teacher, logits.rows, width), temperature);
  const float of_labels = 1.0f - targets.teacher_share,
              of_teacher = targets.teacher_share * temperature * (1.0f / static_cast<float>(logits.rows));
  double loss = 0.0;
  for (std::size_t s = 0; s < logits.rows; ++s) {
    const float student_sum = static_cast<float>(student_.sums[s]), teacher_sum = static_cast<float>(teacher_.sums[s]);
    float* d = delta.data + s * delta.stride;
    for (std::size_t c = 0; c < width; ++c) {
      const std::size_t at = s * width + c;
      const float q = student_.exponentials[at] / student_sum, p = teacher_.exponentials[at] / teacher_sum;
      d[c] = of_labels * d[c] + of_teacher * (q - p);
      if (p != 0)  // 0·log 0 = 0
        loss += static_cast<double>(p) * static_cast<double>(teacher_.shifted[at] - student_.shifted[at]);
    }
    loss += student_.logs[s] - teacher_.logs[s];
  }
  return loss * static_cast<double>(temperature) * static_cast<double>(temperature);
}

float Loss::operator()(Rows<const float> logits, const Targets& targets, Rows<float> delta) {
  EXPECT(logits.rows > 0 && delta.rows == logits.rows && delta.width == logits.width);
  check(targets);
  std::fill_n(delta.data, delta.rows * delta.stride, 0.0f);
  const double share = static_cast<double>(targets.teacher_share);
  double loss = 0.0;
  if (share < 1) loss = add_labels(logits, targets.labels, delta);
  if (share > 0) loss = (1 - share) * loss + share * add_teacher(logits, targets, delta);
  return static_cast<float>(loss / static_cast<double>(logits.rows));
}

std::uint32_t argmax(const float* values, std::uint32_t n) {
  std::uint32_t best = 0;
  for (std::uint32_t i = 1; i < n; ++i)
    if (values[i] > values[best] || (values[best] != values[best] && values[i] == values[i])) best = i;
  return best;
}

}  // namespace nn
}  // namespace swarm
