-- stays

