#include "agents/nn/infer.hpp"
#include "bench/networks/peers.hpp"

namespace swarm {
namespace bench {
namespace {

class Swarm final : public Contestant {
 public:
  Swarm(const Problem& problem, int threads, const nn::Numerics& numerics)
      : Contestant("swarmsim", threads), outputs_(problem.models.size() * problem.batch * problem.outputs()) {
    const std::size_t each = problem.batch * problem.outputs();
    for (std::size_t m = 0; m < problem.models.size(); ++m)
      groups_.push_back({store_.add(problem.models[m], numerics), problem.input(m), outputs_.data() + m * each,
                         static_cast<std::uint32_t>(problem.batch)});
  }
  void pass() override { nn::infer_groups(store_, groups_); }
  std::vector<float> outputs() const override { return {outputs_.begin(), outputs_.end()}; }

 private:
  nn::WeightStore store_;
  nn::AlignedFloats outputs_;
  std::vector<nn::Group> groups_;
};

}  // namespace

std::unique_ptr<Contestant> make_swarm(const Problem& problem, int threads, const nn::Numerics& numerics) {
  return std::make_unique<Swarm>(problem, threads, numerics);
}

}  // namespace bench
}  // namespace swarm
