#include "app/import.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <unistd.h>

#include "app/api_client.hpp"

namespace vitrine::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view journal_name = ".vitrine-import";
constexpr std::chrono::milliseconds poll_pause{500};

/// What earlier runs brought in: one line a file, its size and path inside the folder.
class Journal {
 public:
  explicit Journal(const fs::path& directory) : path_(directory / journal_name) {
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) done_.insert(line);
  }
  [[nodiscard]] bool has(const std::string& entry) const { return done_.contains(entry); }
  void add(const std::string& entry) {
    std::ofstream(path_, std::ios::app) << entry << "\n";
    done_.insert(entry);
  }

 private:
  fs::path path_;
  std::set<std::string> done_;
};

Result<std::vector<fs::path>> files_below(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->is_regular_file(error) && !it->path().filename().string().starts_with('.')) files.push_back(it->path());
  }
  if (error) return fail(Errc::invalid_argument, "cannot read the folder {}: {}", directory.string(), error.message());
  std::ranges::sort(files);
  return files;
}

/// "My_holiday-2.mp4" becomes "My holiday 2".
std::string caption_of(const fs::path& file) {
  std::string caption = file.stem().string();
  std::ranges::replace_if(
      caption, [](char c) { return c == '_' || c == '-' || c == '.'; }, ' ');
  return caption;
}

class Bar {
 public:
  void show(std::int64_t done, std::int64_t total) {
    if (!terminal_ || total <= 0) return;
    constexpr std::int64_t width = 30;
    const auto filled = static_cast<std::size_t>(done * width / total);
    std::cerr << "\r  [" << std::string(filled, '#') << std::string(static_cast<std::size_t>(width) - filled, '.')
              << "] " << done * 100 / total << " %" << std::flush;
  }
  void clear() const {
    if (terminal_) std::cerr << "\r\033[K";
  }

 private:
  bool terminal_ = ::isatty(STDERR_FILENO) == 1;
};

/// Waits until the video is live or failed; an error names why it was refused.
Result<void> wait_until_live(ApiClient& client, const std::string& id) {
  for (;;) {
    VT_TRY(const auto video, client.video(id));
    const std::string_view state = video.at("state").as_string();
    if (state == "live") return {};
    if (state == "failed") {
      return fail(Errc::unprocessable, "{}", std::string_view(video.at("failure").at("detail").as_string()));
    }
    std::this_thread::sleep_for(poll_pause);
  }
}

Result<void> import_file(ApiClient& client, const fs::path& file) {
  Bar bar;
  const auto id =
      client.upload({.path = file.string(), .caption = caption_of(file), .on_progress = [&](auto sent, auto total) {
                       bar.show(sent, total);
                     }});
  bar.clear();
  VT_CHECK(id);
  return wait_until_live(client, *id);
}

}  // namespace

Result<void> import_directory(const ImportOptions& options) {
  const fs::path directory(options.directory);
  VT_TRY(const auto files, files_below(directory));
  if (files.empty()) return fail(Errc::invalid_argument, "there are no files in {}", options.directory);
  ApiClient client(options.server_url);
  VT_CHECK(client.sign_in(options.handle, options.password));
  Journal journal(directory);
  std::size_t accepted = 0, skipped = 0, refused = 0, number = 0;
  for (const auto& file : files) {
    const std::string name = file.lexically_relative(directory).string();
    const std::string entry = fmt::format("{} {}", fs::file_size(file), name);
    std::cout << fmt::format("[{}/{}] {}: ", ++number, files.size(), name) << std::flush;
    if (journal.has(entry)) {
      ++skipped;
      std::cout << "done before\n";
      continue;
    }
    const auto done = import_file(client, file);
    std::cout << (done ? "live" : "refused: " + done.error().message) << "\n";
    if (done) journal.add(entry);
    ++(done ? accepted : refused);
  }
  std::cout << fmt::format("{} live, {} done before, {} refused\n", accepted, skipped, refused);
  if (refused > 0) return fail(Errc::unprocessable, "{} files were refused; the lines above say why", refused);
  return {};
}

}  // namespace vitrine::app
