#pragma once
#include <string>

#include "sim/core/params.hpp"

/// What belongs to the run as a whole: `[run]`, `[engine]`, `[population]` and `[record]`.
namespace swarm {
namespace scenario {

struct RunParams {
  std::string name = "scenario";
  std::string question;
  std::string start = "2022-01-03T00:00Z";
  std::string end;
  Duration warmup{86400};
  Duration duration{7 * 86400.0};
  Duration step{300};
  std::int64_t seed = 1;
  std::string data_dir = ".";
  std::string cache_dir;
};

template <class V>
void describe(V& v, RunParams& p) {
  v("name", p.name, {.unit = "", .doc = "Short name of the scenario."});
  v("question", p.question, {.unit = "", .doc = "The question the scenario answers, in one sentence."});
  v("start", p.start,
    {.unit = "", .doc = "First instant of the run in UTC, ISO 8601; the warm-up comes first."});
  v("end", p.end,
    {.unit = "",
     .doc = "End of the run in UTC, ISO 8601, instead of duration, which becomes end - start - warmup; empty "
            "means that duration counts."});
  v("warmup", p.warmup,
    {.unit = "s",
     .min = 0,
     .doc = "Time simulated before results count; series include it, summaries do not."});
  v("duration", p.duration,
    {.unit = "s", .min = 0, .min_open = true, .doc = "Time that summaries cover, after the warm-up."});
  v("step", p.step,
    {.unit = "s",
     .min = 1,
     .max = 86400,
     .doc = "Length of a step, whole seconds; events within a step keep their own times."});
  v("seed", p.seed, {.unit = "1", .min = 0, .max = 9e18, .doc = "Seed of every random stream."});
  v("data_dir", p.data_dir,
    {.unit = "", .doc = "Folder of traces; a relative one counts from the file that states it."});
  v("cache_dir", p.cache_dir,
    {.unit = "",
     .doc = "Folder where trained base specialists are kept; empty means the user's cache folder."});
}

struct EngineParams {
  std::int64_t shards = 1;
};

template <class V>
void describe(V& v, EngineParams& p) {
  v("shards", p.shards,
    {.unit = "1",
     .min = 0,
     .max = 65535,
     .doc = "Separate worlds that the regions are divided over and that exchange messages only; 0 gives each "
            "region its own. Results do not depend on it."});
}

struct PopulationParams {
  std::int64_t agents = 1000;
  double vision = 0.25, language = 0.35, reasoning = 0.25, memory = 0.15;
};

template <class V>
void describe(V& v, PopulationParams& p) {
  v("agents", p.agents,
    {.unit = "1",
     .min = 1,
     .max = 1e9,
     .doc = "Specialists shared out, in proportion to capacity, over the sites of all regions that do not "
            "state their own number."});
  v("vision", p.vision,
    {.unit = "1", .min = 0, .max = 1, .doc = "Weight of vision specialists; weights need not add up to 1."});
  v("language", p.language, {.unit = "1", .min = 0, .max = 1, .doc = "Weight of language specialists."});
  v("reasoning", p.reasoning, {.unit = "1", .min = 0, .max = 1, .doc = "Weight of reasoning specialists."});
  v("memory", p.memory, {.unit = "1", .min = 0, .max = 1, .doc = "Weight of memory specialists."});
}

struct RecordParams {
  std::int64_t chunk_steps = 288;
  std::int64_t compression = 4;
  std::int64_t agents = 64;
  Duration agent_interval{3600};
  std::int64_t decisions = 1;
  Duration decision_interval{3600};
};

template <class V>
void describe(V& v, RecordParams& p) {
  v("chunk_steps", p.chunk_steps,
    {.unit = "1",
     .min = 1,
     .max = 1e6,
     .doc = "Steps per compressed chunk; a crash loses at most the chunk being filled."});
  v("compression", p.compression,
    {.unit = "1", .min = 0, .max = 9, .doc = "Deflate level of result chunks; 0 stores them as they are."});
  v("agents", p.agents,
    {.unit = "1",
     .min = 0,
     .max = 1e6,
     .doc = "Specialists whose trajectories are recorded, spread evenly over the population."});
  v("agent_interval", p.agent_interval,
    {.unit = "s", .min = 0, .min_open = true, .doc = "Time between samples of recorded specialists."});
  v("decisions", p.decisions,
    {.unit = "1",
     .min = 0,
     .max = 1e4,
     .doc = "Decisions about requests that each region explains item by item at each sampling; 0 records none."});
  v("decision_interval", p.decision_interval,
    {.unit = "s", .min = 0, .min_open = true, .doc = "Time between samples of explained decisions."});
}

}  // namespace scenario
}  // namespace swarm
