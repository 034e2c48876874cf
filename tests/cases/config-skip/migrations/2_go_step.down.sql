nor is this;
