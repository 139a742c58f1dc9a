mount("banner.js");
