mount("explore.js");
