// The one directory that holds everything the service keeps, and who may write in it.
//
//   vitrine.db      accounts, videos, jobs, uploads (unless PostgreSQL holds them)
//   blobs/          renditions, posters, playlists
//   events/         the ordered stream the feed learns from (docs/formats/stream.md)
//   snapshots/      what the feed has learned, so that a start need not fold the whole stream
//   quarantine/     uploads that are not yet processed
//   work/           scratch of running jobs; empty when none runs
//   transcriptions/ the same of the speech recognition
//   custody/        the log, the vault, custodians and a witness, each in a directory of its own
//   keys/           secrets made at first start; never leave the machine
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"

namespace vitrine::app {

/// Thread-safe once opened.
class DataDirectory {
 public:
  enum class Hold {
    exclusive,  ///< nobody else may serve or check it meanwhile
    shared,     ///< beside a running service
  };
  /// Makes what is missing (mode 0700) and, to hold it exclusively, takes the lock.
  /// Errors: conflict when another holds it, storage_full, internal.
  [[nodiscard]] static Result<DataDirectory> open(const std::string& path, Hold hold = Hold::exclusive);
  ~DataDirectory();
  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;

  [[nodiscard]] std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
  /// 32 random bytes kept under keys/`name`, made durably on first use.
  [[nodiscard]] Result<std::string> key(std::string_view name) const;

 private:
  DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_;
};

}  // namespace vitrine::app
