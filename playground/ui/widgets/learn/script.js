mount("learn.js");
