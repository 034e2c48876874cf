-- forgotten

