#include "sim/io/static_file.hpp"

#include <unistd.h>

#include "sim/io/file_safety.hpp"
#include "sim/io/hdf5_handle.hpp"
#include "sim/io/layout.hpp"

namespace swarm::io {

void write_static_file(const std::filesystem::path& final_name, const StaticGroup& root, const std::vector<Attribute>& attributes) {
  check_static_groups({root}, {});
  std::filesystem::path beside = final_name;
  beside += ".tmp" + std::to_string(getpid());
  TemporaryFile temporary(beside);
  with_hdf5(final_name, [&] {
    FileHandle file = create_file(beside);
    for (const Attribute& attribute : attributes) write_attribute(file.id(), attribute);
    create_static_group(file.id(), root, nullptr);
    file.close();
  });
  temporary.move_to(final_name);
}

}  // namespace swarm::io
