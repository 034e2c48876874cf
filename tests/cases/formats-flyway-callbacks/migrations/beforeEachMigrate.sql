SET LOCAL search_path = library;
