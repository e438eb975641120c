#include "sim/dispatch/min_cost_flow.hpp"

#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

#include <algorithm>
#include <limits>

#include "sim/core/checks.hpp"

namespace swarm {
namespace dispatch {
namespace {

using Amount = std::int64_t;
using Graph = lemon::SmartDigraph;
using Simplex = lemon::NetworkSimplex<Graph, Amount, Amount>;
constexpr std::size_t kMostSources = 4096;

/// Sources, sinks, and behind these one end node, to which what is unplaced goes straight.
struct Network {
  Network(std::span<const Amount> cost, std::span<const Amount> supply, std::span<const Amount> capacity, Amount penalty)
      : carrying(cost.size(), lemon::INVALID), supplies(graph, 0), capacities(graph), costs(graph, 0) {
    graph.reserveNode(static_cast<int>(supply.size() + capacity.size() + 1));
    graph.reserveArc(static_cast<int>(cost.size() + supply.size() + capacity.size()));
    for (std::size_t i = 0; i < supply.size(); ++i) sources.push_back(graph.addNode());
    for (std::size_t j = 0; j < capacity.size(); ++j) sinks.push_back(graph.addNode());
    end = graph.addNode();
    for (std::size_t i = 0; i < supply.size(); ++i) {
      supplies[sources[i]] = supply[i];
      supplies[end] -= supply[i];
      for (std::size_t j = 0; j < capacity.size(); ++j)
        if (const Amount c = cost[i * capacity.size() + j]; c != kForbidden) carrying[i * capacity.size() + j] = join(sources[i], sinks[j], c, kNoLimit);
      unplaced.push_back(join(sources[i], end, penalty, kNoLimit));
    }
    for (std::size_t j = 0; j < capacity.size(); ++j) join(sinks[j], end, 0, capacity[j]);
  }

  static constexpr Amount kNoLimit = std::numeric_limits<Amount>::max();
  Graph graph;
  std::vector<Graph::Node> sources, sinks;
  Graph::Node end;
  std::vector<Graph::Arc> carrying, unplaced;
  Graph::NodeMap<Amount> supplies;
  Graph::ArcMap<Amount> capacities, costs;

 private:
  Graph::Arc join(Graph::Node from, Graph::Node to, Amount cost, Amount limit) {
    const Graph::Arc arc = graph.addArc(from, to);
    costs[arc] = cost;
    capacities[arc] = limit;
    return arc;
  }
};

}  // namespace

Flow min_cost_flow(std::span<const std::int64_t> cost, std::span<const std::int64_t> supply,
                   std::span<const std::int64_t> capacity) {
  EXPECT(cost.size() == supply.size() * capacity.size() && supply.size() <= kMostSources);
  Flow flow;
  Amount dearest = 0;
  for (const Amount c : cost) dearest = std::max(dearest, c);
  EXPECT(dearest <= kDearestArc);
  // Who makes room for another does so along an alternating path, with at most one arc more per source.
  flow.penalty = (dearest + 1) * static_cast<Amount>(supply.size() + 1);
  const Network net(cost, supply, capacity, flow.penalty);
  Simplex simplex(net.graph);
  simplex.supplyMap(net.supplies).upperMap(net.capacities).costMap(net.costs);
  const auto outcome = simplex.run();
  ENSURE(outcome == Simplex::OPTIMAL);
  for (const auto& arc : net.carrying) flow.amount.push_back(arc == lemon::INVALID ? 0 : simplex.flow(arc));
  for (const auto& arc : net.unplaced) flow.unplaced.push_back(simplex.flow(arc));
  const Amount at_end = simplex.potential(net.end);
  for (const auto& node : net.sources) flow.source_price.push_back(at_end - simplex.potential(node));
  for (const auto& node : net.sinks) flow.sink_price.push_back(std::min<Amount>(0, simplex.potential(node) - at_end));
  return flow;
}

}  // namespace dispatch
}  // namespace swarm
