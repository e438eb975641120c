#pragma once
#include <cstdint>
#include <vector>

#include "agents/nn/model.hpp"
#include "agents/nn/rows.hpp"

/// What a classifier is trained towards: softmax cross-entropy with labels, and with what a teacher says.
namespace swarm {
namespace nn {

/// What outputs should be. Without a teacher, labels alone.
///
///     loss = (1 − s)·CE(labels) + s·T²·KL(softmax(teacher/T) ‖ softmax(logits/T)),   s = teacher_share, T =
///     temperature
///
/// (Hinton, Vinyals & Dean 2015); T² because gradients of the second term shrink with 1/T². A network whose output has
/// several rows chooses a class for each: then n counts rows of all samples, one after the other.
struct Targets {
  const std::uint8_t* labels;      ///< n classes below the output's width; not read where teacher_share is 1
  const float* teacher = nullptr;  ///< n × output width: a teacher's logits; not read where teacher_share is 0
  float temperature = 1;
  float teacher_share = 0;
};

/// Throws ModelError unless the share lies in [0, 1] and is 0 without a teacher, and a teacher's temperature is finite
/// and positive.
void check(const Targets& targets);

/// The mean loss over rows of logits and its gradient; keeps its memory between calls.
///
/// Logits are shifted by the largest of their row, so that no exponential overflows. Sums of exponentials ascend; a
/// row's share of the mean is the float nearest to 1/n. A teacher's logit of −∞ rules a class out.
class Loss {
 public:
  /// Returns the mean [nats]. delta: rows as the logits; it receives d mean / d logit, and 0 beyond the width.
  float operator()(Rows<const float> logits, const Targets& targets, Rows<float> delta);

 private:
  /// Softmax of rows at a temperature, in parts.
  struct Shares {
    AlignedFloats shifted, exponentials;  // (x − largest)/temperature and e to the power of it, rows × width
    std::vector<double> sums, logs;       // of each row's exponentials, and their logarithms

    void compute(Rows<const float> logits, float temperature);
  };

  double add_labels(Rows<const float> logits, const std::uint8_t* labels, Rows<float> delta);
  double add_teacher(Rows<const float> logits, const Targets& targets, Rows<float> delta);

  Shares student_, teacher_;
};

/// Index of the largest value, the first among equals; NaN never beats a number.
std::uint32_t argmax(const float* values, std::uint32_t n);

}  // namespace nn
}  // namespace swarm
