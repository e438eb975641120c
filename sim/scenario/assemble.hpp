#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/layers.hpp"
#include "sim/scenario/scenario.hpp"

/// Lays documents and overrides over the defaults, one after the other, and makes the scenario whole.
namespace swarm {
namespace scenario {

class Assembler {
 public:
  Assembler(Scenario& scenario, Stated& stated, Problems& problems);

  /// Lays one document over what is there.
  void add(const Node& document);
  /// Keys of named tables change what the documents came to, so they wait for finish().
  void add(const Override& change);
  /// Chooses the regions, gives each a site, applies waiting overrides, resolves paths, those of overrides from
  /// `folder` (empty: the working directory).
  void finish(const std::filesystem::path& folder);

  /// The visitor of describe_sections.
  template <class P>
  void section(const char* name, P& params, const char* doc);

 private:
  /// A record under construction, and where it was first named.
  template <class T>
  struct Draft {
    T value;
    Place place;
    bool known = false;  ///< its defaults come from the built-in table
  };
  template <class T>
  using Drafts = std::vector<Draft<T>>;

  /// The name under which a table is kept: for purposes an alias becomes the purpose. Empty: a reported problem.
  template <class T>
  std::string canonical_name(const std::string& word, const Place& place, const Drafts<T>& drafts);
  void add_regions_list(const Node& list);
  void drop_what_lies_in_dropped_regions(const std::vector<std::string>& kept);
  template <class T>
  void add_tables(const std::string& kind, const Entry& entry, Drafts<T>& drafts,
                  std::vector<std::string>* chosen);
  template <class T>
  Draft<T>& draft(const std::string& name, const Place& place, Drafts<T>& drafts);
  template <class T>
  bool change_table(const Override& change, Drafts<T>& drafts);
  void report_missing_table(const Override& change);
  std::vector<std::string> names_of_tables(const std::string& kind) const;
  void track_end(const Node& run);

  void choose_regions();
  void check_new_region(const Draft<grid::Region>& region);
  void check_new_device(const Draft<hardware::Device>& device);
  std::vector<std::string> missing_keys(const std::string& table,
                                        const std::vector<std::string>& needed) const;
  void change_sites();
  void add_default_sites();
  void resolve_paths(const std::filesystem::path& folder);

  Scenario& scenario_;
  Stated& stated_;
  Problems& problems_;
  const Node* document_ = nullptr;
  std::vector<std::string> sections_;
  std::optional<std::vector<std::string>> chosen_;  ///< names of regions in order
  std::map<std::string, Place> chosen_at_;
  Drafts<grid::Region> regions_;
  Drafts<hardware::Device> devices_;
  Drafts<hardware::Site> sites_;
  Drafts<workload::PurposeRecord> purposes_;
  Drafts<grid::HazardRecord> hazards_;
  Drafts<dispatch::FaultRecord> faults_;
  std::vector<Override> waiting_;
};

}  // namespace scenario
}  // namespace swarm
